/** The page's text: the messages of the app's, and the page's own for the rest. */
import type { ComponentChild } from 'preact'
import { fill, fillWith, type Values } from './fill.js'
import { type MessageKey, messages as own } from './messages.js'
import { settings } from './page.js'

const messages = { ...own, ...settings.messages }

/** What the page is called. */
export const pageTitle = settings.title ?? messages['page.title']

/** The message of this key, with its placeholders filled. */
export function t(key: MessageKey, values?: Values): string {
  return fill(messages[key], values)
}

/** The same with elements in it. */
export function rich(key: MessageKey, values: Readonly<Record<string, ComponentChild>>): ComponentChild {
  return fillWith(messages[key], values, value => <bdi>{value}</bdi>)
}

/** The message of a code or a name that there may be none for, such as an error's that a later server has; else `null`. */
export function tMaybe(key: string): string | null {
  return key in messages ? messages[key as MessageKey] : null
}

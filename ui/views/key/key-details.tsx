import type { ComponentChildren } from 'preact'
import type { ApiKey } from '../../../src/client/index.js'
import { locale } from '../../page.js'
import { Copy } from '../../parts/copy.js'
import { Time } from '../../parts/time.js'
import { OwnerName, Who } from '../../parts/who.js'
import { keyHash } from '../../router.js'
import { rich, t } from '../../text.js'
import { LimitList } from '../form/limit-list.js'

/** All that there is to know of a key; what most keys do not have is left out where there is none. */
export function KeyDetails({ apiKey }: { readonly apiKey: ApiKey }) {
  const { restrictions, credits, limits, metadata } = apiKey
  return (
    <dl class="facts">
      <Fact name={t('key.start')}>
        <code dir="ltr">{apiKey.start}…</code>
      </Fact>
      <Fact name={t('key.id')}>
        <code dir="ltr">{apiKey.id}</code> <Copy look="quiet" text={apiKey.id} what={t('key.id')} />
      </Fact>
      <Fact name={t('key.kind')}>
        <bdi>{apiKey.kind}</bdi>
      </Fact>
      <Fact name={t('key.owner')}>
        <OwnerName owner={apiKey.owner} />
      </Fact>
      {apiKey.organizationId !== null && (
        <Fact name={t('key.organization')}>
          <bdi>{apiKey.organizationId}</bdi>
        </Fact>
      )}
      <Fact name={t('key.permissions')}>
        <Chips of={apiKey.permissions} />
      </Fact>
      {apiKey.roles.length > 0 && (
        <Fact name={t('key.roles')}>
          <Chips of={apiKey.roles} />
        </Fact>
      )}
      {apiKey.resources.length > 0 && (
        <Fact name={t('key.resources')}>
          <Chips of={apiKey.resources} />
        </Fact>
      )}
      <Fact name={t('key.expires')}>
        {apiKey.expiresAt === null ? t('keys.neverExpires') : <Time at={apiKey.expiresAt} />}
      </Fact>
      {apiKey.idleExpiresAt !== undefined && apiKey.idleExpiresAt !== null && (
        <Fact name={t('key.idle')}>
          {rich('key.idleAt', { at: <Time at={apiKey.idleExpiresAt} />, after: apiKey.expiresAfterIdle })}
        </Fact>
      )}
      {apiKey.notBefore !== null && (
        <Fact name={t('key.notBefore')}>
          <Time at={apiKey.notBefore} />
        </Fact>
      )}
      {apiKey.lastUsedAt !== undefined && (
        <Fact name={t('key.lastUsed')}>
          {apiKey.lastUsedAt === null ? (
            t('keys.neverUsed')
          ) : (
            <LastUse at={apiKey.lastUsedAt} ip={apiKey.lastUsedIp} />
          )}
        </Fact>
      )}
      <Fact name={t('key.ips')}>
        <Chips of={restrictions.ips} none={t('value.any')} />
      </Fact>
      <Fact name={t('key.origins')}>
        <Chips of={restrictions.origins} none={t('value.any')} />
      </Fact>
      {Object.keys(limits).length > 0 && (
        <Fact name={t('key.limits')}>
          <LimitList limits={limits} />
        </Fact>
      )}
      {credits !== null && (
        <Fact name={t('key.credits')}>
          <CreditText credits={credits} />
        </Fact>
      )}
      {apiKey.tags.length > 0 && (
        <Fact name={t('key.tags')}>
          <Chips of={apiKey.tags} />
        </Fact>
      )}
      {Object.keys(metadata).length > 0 && (
        <Fact name={t('key.metadata')}>
          <code class="metadata" dir="auto">
            {JSON.stringify(metadata, null, 2)}
          </code>
        </Fact>
      )}
      {apiKey.parentId !== null && (
        <Fact name={t('key.parent')}>
          <a href={keyHash(apiKey.parentId)}>
            <code dir="ltr">{apiKey.parentId}</code>
          </a>
        </Fact>
      )}
      <Fact name={t('key.createdBy')}>
        {apiKey.createdBy === null
          ? rich('time.atByApp', { at: <Time at={apiKey.createdAt} /> })
          : rich('time.atBy', {
              at: <Time at={apiKey.createdAt} />,
              by: <Who id={apiKey.createdBy} place="inside" />,
            })}
      </Fact>
    </dl>
  )
}

function LastUse({ at, ip = null }: { readonly at: string; readonly ip: string | null | undefined }) {
  const time = <Time at={at} />
  return ip === null ? time : rich('key.usedFrom', { at: time, ip: <code dir="ltr">{ip}</code> })
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Chips({
  of: all,
  none = t('value.none'),
}: {
  readonly of: readonly string[]
  readonly none?: string
}) {
  if (all.length === 0) return <span class="muted">{none}</span>
  return (
    <span class="few">
      {all.map(one => (
        <code key={one} class="chip" dir="auto">
          {one}
        </code>
      ))}
    </span>
  )
}

function CreditText({
  credits: { balance, refill, refillsAt },
}: {
  readonly credits: NonNullable<ApiKey['credits']>
}) {
  const count = (number: number) => number.toLocaleString(locale)
  return (
    <>
      {balance !== undefined && <span>{t('key.creditsLeft', { count: count(balance) })}</span>}
      {refill !== null && refillsAt && (
        <p class="hint">
          {rich('key.creditsRefill', { count: count(refill.amount), at: <Time at={refillsAt} /> })}
        </p>
      )}
    </>
  )
}

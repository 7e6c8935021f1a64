/** Icons of the page's own: strokes of the text's colour, for the eye alone. */
const PATHS = {
  alert: 'M12 8v5m0 3.5v.01M12 3 2.5 20h19L12 3Z',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  close: 'm6 6 12 12M18 6 6 18',
  info: 'M12 11v5m0-8.5v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
  key: 'M11.2 12.8 20.5 3.5m-3.2 3.2 3 3m-6-0 2.2 2.2M8 11a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z',
  plus: 'M12 5v14M5 12h14',
  back: 'm14 6-6 6 6 6',
  offline:
    'M3 3l18 18M5 12.5a10 10 0 0 1 4-2.4M2 9a15 15 0 0 1 4-2.7M12.5 6A15 15 0 0 1 22 9m-5.5 2.5A10 10 0 0 1 19 12.5M8.5 16a5 5 0 0 1 7 0M12 19.5v.01',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm4.8 11.3L20 20',
} as const

export type IconName = keyof typeof PATHS

/** An icon; what it means must be said by text beside it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      class={`icon icon-${name}`}
      viewBox="0 0 24 24"
      width="20"
      height="20"
      aria-hidden="true"
      focusable="false"
    >
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}

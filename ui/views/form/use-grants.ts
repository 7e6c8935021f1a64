import type { ApiKey } from '../../../src/client/index.js'
import { client } from '../../api/client.js'
import { useLoad } from '../../api/use-load.js'
import { useViewer } from '../../viewer.js'

interface Whose {
  /** `null`: the viewer. */
  readonly owner: ApiKey['owner'] | null
  /** Empty: none. */
  readonly organizationId: string
}

/** What the owner of a key may do there; `null`: not known, so that the server alone decides. */
export function useGrants({ owner, organizationId }: Whose): readonly string[] | null {
  const { grants } = useViewer()
  const isAsked = owner !== null || organizationId !== ''
  const query = {
    ...(owner !== null && { owner }),
    ...(organizationId !== '' && { organizationId }),
  }
  const asked = useLoad(
    async signal => (isAsked ? (await client.config(query, { signal })).grants : null),
    [owner?.type, owner?.id, organizationId],
  )
  return isAsked ? asked.data : grants
}

/** The views of the administration, in a file of their own: most viewers never need it. */
import '../../styles/admin.css'

export { AllKeysView } from './all-keys.js'
export { AuditView } from './audit.js'
export { FindView } from './find.js'
export { OffboardView } from './offboard.js'
export { UsageView } from './usage.js'

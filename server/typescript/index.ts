// The public entry `corecord/typescript`: `node --import corecord/typescript server.ts` runs TypeScript on every Node
// that corecord runs on.

import { registerTypeScript } from './register.ts'

registerTypeScript()

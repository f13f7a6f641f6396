// What `from 'corecord'` meets. One entry for everything would bring a server into a page; the names that are looked for
// here exist, unseen by TypeScript, for the one reason that whoever imports them reads this, and not that there are none.

/** @internal */
export const [
  defineRecord,
  openRecord,
  connect,
  createServer,
  mintToken,
  DeskProvider,
  useRecord,
  useList,
]: never[] = []

throw new TypeError(
  "there is no entry «corecord»: import { defineRecord, … } from 'corecord/shared', { connect } from 'corecord/client', hooks from 'corecord/react', { createServer } from 'corecord/server'",
)

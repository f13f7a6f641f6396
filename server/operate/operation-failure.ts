/** What was asked for cannot be done, and the message says why to whoever asked: no fault of the program. */
export class OperationFailure extends Error {
  override readonly name = 'OperationFailure'
}

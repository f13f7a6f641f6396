/** The room was let go or begun anew meanwhile: open it again. */
export class RoomClosed extends Error {
  override readonly name = 'RoomClosed'

  constructor(room: string) {
    super(`${room} was begun anew`)
  }
}

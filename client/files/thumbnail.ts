/** The longer side, in pixels: enough for a row of a list on a good screen. */
const SIDE_MAX = 320

/** A small picture of a picture, to be shown until the server has made its own. Null where none can be made. */
export const thumbnailOf = async (file: Blob): Promise<Blob | null> => {
  if (!file.type.startsWith('image/') || typeof createImageBitmap === 'undefined') return null
  try {
    const picture = await createImageBitmap(file)
    const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height))
    const width = Math.max(1, Math.round(picture.width * scale))
    const height = Math.max(1, Math.round(picture.height * scale))
    const canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
    canvas.getContext('2d')?.drawImage(picture, 0, 0, width, height)
    picture.close()
    return await new Promise(done => canvas.toBlob(done, 'image/jpeg', 0.8))
  } catch {
    // What the browser cannot show it cannot make small.
    return null
  }
}

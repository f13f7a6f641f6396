/**
 * What a file is by its own first bytes, whatever it is called. A name or a declared type is a claim; whoever opens
 * a photo opens what the bytes say.
 */
export const SNIFF_BYTES = 4_096

export interface Sniffed {
  /** The type the bytes say; null where they say nothing. */
  readonly type: string | null
  readonly isExecutable: boolean
  /** Readable as text as far as was looked. */
  readonly isText: boolean
}

type Magic = readonly [type: string, at: number, bytes: readonly number[] | string]

const magics: readonly Magic[] = [
  ['image/jpeg', 0, [0xff, 0xd8, 0xff]],
  ['image/png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/gif', 0, 'GIF87a'],
  ['image/gif', 0, 'GIF89a'],
  ['image/tiff', 0, [0x49, 0x49, 0x2a, 0x00]],
  ['image/tiff', 0, [0x4d, 0x4d, 0x00, 0x2a]],
  ['image/vnd.adobe.photoshop', 0, '8BPS'],
  ['image/x-icon', 0, [0x00, 0x00, 0x01, 0x00]],
  ['image/vnd.dwg', 0, 'AC10'],
  ['application/pdf', 0, '%PDF-'],
  ['application/zip', 0, [0x50, 0x4b, 0x03, 0x04]],
  ['application/zip', 0, [0x50, 0x4b, 0x05, 0x06]],
  ['application/gzip', 0, [0x1f, 0x8b]],
  ['application/x-7z-compressed', 0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['application/vnd.rar', 0, 'Rar!'],
  ['application/x-ole-storage', 0, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ['application/rtf', 0, '{\\rtf'],
  ['audio/mpeg', 0, 'ID3'],
  ['audio/flac', 0, 'fLaC'],
  ['audio/ogg', 0, 'OggS'],
  ['video/webm', 0, [0x1a, 0x45, 0xdf, 0xa3]],
]

const executables: readonly Magic[] = [
  ['application/x-msdownload', 0, 'MZ'],
  ['application/x-elf', 0, [0x7f, 0x45, 0x4c, 0x46]],
  ['application/x-mach-binary', 0, [0xfe, 0xed, 0xfa, 0xce]],
  ['application/x-mach-binary', 0, [0xfe, 0xed, 0xfa, 0xcf]],
  ['application/x-mach-binary', 0, [0xce, 0xfa, 0xed, 0xfe]],
  ['application/x-mach-binary', 0, [0xcf, 0xfa, 0xed, 0xfe]],
  // Java classes and fat Mach-O begin alike, and both run.
  ['application/java-vm', 0, [0xca, 0xfe, 0xba, 0xbe]],
  ['application/wasm', 0, [0x00, 0x61, 0x73, 0x6d]],
]

export function sniffType(head: Uint8Array): Sniffed {
  const executable = executables.find(magic => begins(head, magic))
  if (executable !== undefined) return { type: executable[0], isExecutable: true, isText: false }
  const isText = looksLikeText(head)
  const type =
    riffType(head) ??
    isoMediaType(head) ??
    magics.find(magic => begins(head, magic))?.[0] ??
    mpegAudioType(head) ??
    bitmapType(head) ??
    (isText ? markupType(head) : null)
  return { type, isExecutable: false, isText }
}

function begins(head: Uint8Array, [, at, bytes]: Magic): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const expected = typeof bytes === 'string' ? bytes.charCodeAt(i) : bytes[i]
    if (head[at + i] !== expected) return false
  }
  return true
}

function riffType(head: Uint8Array): string | null {
  if (ascii(head, 0, 4) !== 'RIFF') return null
  return { WEBP: 'image/webp', WAVE: 'audio/wav', 'AVI ': 'video/x-msvideo' }[ascii(head, 8, 4)] ?? null
}

/** Photos of phones and videos share one container; its brand says which. */
function isoMediaType(head: Uint8Array): string | null {
  if (ascii(head, 4, 4) !== 'ftyp') return null
  const brand = ascii(head, 8, 4)
  if (/^(?:avif|avis)$/.test(brand)) return 'image/avif'
  if (/^(?:heic|heix|hevc|hevx|heim|heis)$/.test(brand)) return 'image/heic'
  if (/^(?:mif1|msf1)$/.test(brand)) return 'image/heif'
  if (brand === 'qt  ') return 'video/quicktime'
  if (/^M4[AB] $/.test(brand)) return 'audio/mp4'
  if (/^3g[2ps]/.test(brand)) return 'video/3gpp'
  return 'video/mp4'
}

function mpegAudioType(head: Uint8Array): string | null {
  const second = head[1] ?? 0
  const isFrame =
    head[0] === 0xff && (second & 0xe0) === 0xe0 && (second & 0x06) !== 0 && (second & 0x18) !== 0x08
  return isFrame ? 'audio/mpeg' : null
}

/** Two letters are little; what follows them must be a bitmap's header too. */
function bitmapType(head: Uint8Array): string | null {
  const isHeader = ascii(head, 0, 2) === 'BM' && head.length > 26 && head[6] === 0 && head[7] === 0
  return isHeader && [12, 40, 52, 56, 64, 108, 124].includes(head[14] ?? 0) ? 'image/bmp' : null
}

function markupType(head: Uint8Array): string | null {
  const start = new TextDecoder()
    .decode(head.subarray(0, 1_024))
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (/<svg[\s>]/i.test(start) && /^<(?:\?xml|!--|!doctype svg|svg)/i.test(start)) return 'image/svg+xml'
  if (/^<(?:!doctype html|html|head|body|script)[\s>]/i.test(start)) return 'text/html'
  return /^<\?xml\s/i.test(start) ? 'application/xml' : null
}

/** No control characters, in whatever old or new alphabet; or marked as text of two bytes a character. */
function looksLikeText(head: Uint8Array): boolean {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return true
  return head.every(byte => byte >= 32 || (byte >= 9 && byte <= 13) || byte === 27)
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length))
}

/** What a container is called by what is in it. */
const families: Readonly<Record<string, RegExp>> = {
  'application/zip':
    /^application\/(?:zip|x-zip-compressed|epub\+zip|vnd\.(?:openxmlformats-officedocument\..+|oasis\.opendocument\..+|ms-(?:word|excel|powerpoint)\..+|google-earth\.kmz))$/,
  'application/x-ole-storage':
    /^application\/(?:msword|x-ole-storage|vnd\.(?:ms-(?:excel|powerpoint|outlook|project|works)|visio))$/,
  'application/gzip': /^application\/(?:gzip|x-gzip|x-tar|x-compressed-tar)$/,
  'application/x-7z-compressed': /^application\/x-7z-compressed$/,
  'application/vnd.rar': /^application\/(?:vnd\.rar|x-rar-compressed|x-rar)$/,
  'application/pdf': /^application\/(?:pdf|x-pdf)$/,
  'application/rtf': /^(?:application|text)\/rtf$/,
  'image/vnd.dwg': /^(?:image\/(?:vnd\.dwg|x-dwg)|application\/acad|application\/x-acad)$/,
  'image/jpeg': /^image\/(?:jpeg|jpg|pjpeg)$/,
  'image/x-icon': /^image\/(?:x-icon|vnd\.microsoft\.icon)$/,
  'image/heic': /^image\/hei[cf]$/,
  'image/heif': /^image\/hei[cf]$/,
  'image/bmp': /^image\/(?:bmp|x-ms-bmp)$/,
  'audio/mpeg': /^audio\/(?:mpeg|mp3)$/,
  'audio/wav': /^audio\/(?:wav|wave|x-wav|vnd\.wave)$/,
  'audio/mp4': /^(?:audio|video)\/(?:mp4|x-m4a|m4a)$/,
  'audio/flac': /^audio\/(?:flac|x-flac)$/,
  'audio/ogg': /^(?:audio|video|application)\/ogg$/,
  'video/mp4': /^(?:video|audio)\/(?:mp4|x-m4v|quicktime|x-m4a)$/,
  'video/webm': /^(?:video|audio)\/(?:webm|x-matroska)$/,
  'video/x-msvideo': /^video\/(?:x-msvideo|avi|vnd\.avi)$/,
}

/** Texts that are read as what their reader makes of them. */
const textual =
  /^(?:text\/.+|application\/(?:json|xml|x-ndjson|ndjson|yaml|x-yaml|sql|javascript|x-sh|geo\+json|.+\+(?:json|xml))|image\/svg\+xml|image\/vnd\.dxf|model\/.+)$/

/** Whether a file with these first bytes may be called by the declared type. */
export function isHonestType(declared: string, { type, isExecutable, isText }: Sniffed): boolean {
  const claim = declared.toLowerCase().split(';')[0]?.trim() ?? ''
  if (isExecutable) return claim === type
  if (type !== null && (claim === type || families[type]?.test(claim) === true)) return true
  // A text may be HTML or XML by its first words and still be meant to be read.
  if (isText && (type === null || textual.test(type)))
    return (textual.test(claim) && claim !== 'image/svg+xml') || claim === 'application/octet-stream'
  if (claim === 'application/octet-stream') return true
  // What is neither known nor text can be anything, but not a picture, a film or whatever else has marks of its own.
  return type === null && !/^(?:image|audio|video|text)\//.test(claim) && !isMarked(claim)
}

function isMarked(claim: string): boolean {
  if (magics.some(([type]) => type === claim) || executables.some(([type]) => type === claim)) return true
  return Object.values(families).some(family => family.test(claim)) || textual.test(claim)
}

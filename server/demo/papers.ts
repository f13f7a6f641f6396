// Papers of one page, as an office files them: enough of PDF for a title, lines of text and a drawn frame.

export interface Paper {
  readonly title: string
  readonly lines: readonly string[]
  /** The ground plan of a house, so that a plan looks like one. */
  readonly hasPlan?: boolean
}

export const toPdf = ({ title, lines, hasPlan = false }: Paper): Uint8Array => {
  const text = [
    `BT /F1 20 Tf 60 770 Td (${escaped(title)}) Tj ET`,
    ...lines.map((line, n) => `BT /F1 11 Tf 60 ${735 - n * 20} Td (${escaped(line)}) Tj ET`),
    '60 755 475 0.7 re f',
    ...(hasPlan ? PLAN : []),
  ].join('\n')
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ]
  let pdf = '%PDF-1.4\n'
  const starts = objects.map((object, n) => {
    const at = pdf.length
    pdf += `${n + 1} 0 obj\n${object}\nendobj\n`
    return at
  })
  const table = starts.map(at => `${String(at).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  pdf += `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${pdf.length}\n%%EOF\n`
  return Buffer.from(pdf, 'latin1')
}

const escaped = (text: string): string => text.replaceAll(/[\\()]/g, '\\$&')

const PLAN = [
  '2 w 90 180 415 330 re S',
  '1 w 90 345 m 320 345 l S',
  '320 180 m 320 430 l S',
  '320 430 m 505 430 l S',
  '200 345 m 200 510 l S',
  '0.4 w 90 160 m 505 160 l S 90 155 m 90 165 l S 505 155 m 505 165 l S',
]

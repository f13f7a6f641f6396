/** Stands for «everything may be different». */
export const ALL_PATHS: ReadonlySet<string> = new Set([''])

/** Whether a change of these paths shows at `path`: there, beneath it, or above. */
export const isTouched = (path: string, touched: ReadonlySet<string>): boolean => {
  if (path === '' || touched.has(path)) return true
  for (const one of touched) {
    if (one === '' || one.startsWith(`${path}/`) || path.startsWith(`${one}/`)) return true
  }
  return false
}

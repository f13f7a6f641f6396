// Before anything is drawn: the scheme the person chose, so that a dark page does not begin with a white flash; and
// whether a part of the page failed, or is in words that this browser does not know, so that it does not wait for ever
// for what will not come.
;(() => {
  let chosen = 'auto'
  try {
    chosen = localStorage.getItem('mantine-color-scheme-value') || 'auto'
  } catch {}
  const isDark =
    chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
  const needed = 'script, link[rel="stylesheet"], link[rel="modulepreload"]'
  addEventListener(
    'error',
    ({ target }) => {
      if (target === window || (target instanceof Element && target.matches(needed)))
        document.documentElement.setAttribute('data-parts-failed', '')
    },
    true,
  )
})()

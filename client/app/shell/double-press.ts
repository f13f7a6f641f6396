// Many people press everything twice. What the first press brought under the finger was not meant by the second: the
// button of the row that moved up when the one before it went, the ground around a sheet that has just opened. And what
// the first one opened, the second does not close.

const CONTROLS = 'button, a, [role="button"], [role="option"], [role="menuitem"], [class*="-overlay"]'

export const takeDoublePressesOnce = (): void => {
  let first: Element | null = null
  let isStray = false
  addEventListener(
    'mousedown',
    ({ detail, target }) => {
      const control = target instanceof Element ? target.closest(CONTROLS) : null
      if (detail <= 1) first = control
      isStray = detail > 1 && control !== null && (control !== first || control.hasAttribute('aria-haspopup'))
    },
    { capture: true },
  )
  addEventListener(
    'click',
    event => {
      // A key has no count, and moves nothing under a finger.
      if (event.detail <= 1 || !isStray) return
      event.preventDefault()
      event.stopImmediatePropagation()
    },
    { capture: true },
  )
}

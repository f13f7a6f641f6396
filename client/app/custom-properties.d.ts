import 'react'

declare module 'react' {
  interface CSSProperties {
    /** The app's own properties, such as the colour of a person. */
    readonly [name: `--${string}`]: string | number | undefined
  }
}

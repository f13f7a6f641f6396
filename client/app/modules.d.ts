declare module '*.css'
declare module 'quill-cursors/css'
declare module '*.module.css' {
  const classes: { readonly [name: string]: string }
  export default classes
}
declare module 'virtual:pwa-register' {
  export function registerSW(options: {
    readonly onNeedRefresh?: () => void
    /** In every tab, when the new version has taken over; without it each is loaded anew, whatever is done in it. */
    readonly onNeedReload?: () => void
    readonly onRegisteredSW?: (url: string, registration: ServiceWorkerRegistration | undefined) => void
  }): (reload?: boolean) => Promise<void>
}
interface ImportMeta {
  readonly env: { readonly PROD: boolean }
}

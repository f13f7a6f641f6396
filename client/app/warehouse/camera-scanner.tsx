import { useEffect, useRef, useState } from 'react'
import { useWarehouseWords } from './warehouse-words.ts'

interface CameraScannerProps {
  readonly onCode: (code: string) => void
}

/** The part of the browser's own reader that is used; not every browser has it. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>
}

const hasCameraScanner = (): boolean =>
  'BarcodeDetector' in globalThis && navigator.mediaDevices !== undefined

const LOOK_EVERY_MS = 120
/** A code that stays in the picture was meant once. */
const SAME_CODE_MS = 1_500

/** Reads codes for as long as it is on the screen; a browser that cannot says so, and what can be done instead. */
export const CameraScanner = ({ onCode }: CameraScannerProps) => {
  const words = useWarehouseWords()
  return hasCameraScanner() ? <CameraPicture onCode={onCode} /> : <CameraWord text={words.cameraNone} />
}

const CameraWord = ({ text }: { readonly text: string }) => (
  <p className="scan-word" data-kind="wrong" role="alert">
    {text}
  </p>
)

const CameraPicture = ({ onCode }: CameraScannerProps) => {
  const words = useWarehouseWords()
  const video = useRef<HTMLVideoElement>(null)
  const latest = useRef(onCode)
  latest.current = onCode
  const [isRefused, setIsRefused] = useState(false)
  useEffect(() => {
    let stream: MediaStream | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    let isDone = false
    const seen = new Map<string, number>()
    const detector = createDetector()
    const look = async (): Promise<void> => {
      const element = video.current
      if (isDone || element === null) return
      if (element.readyState >= 2) {
        for (const { rawValue } of await detector.detect(element).catch(() => [])) {
          const now = performance.now()
          const isNew = now - (seen.get(rawValue) ?? Number.NEGATIVE_INFINITY) > SAME_CODE_MS
          seen.set(rawValue, now)
          if (isNew) latest.current(rawValue)
        }
      }
      if (!isDone) timer = setTimeout(() => void look(), LOOK_EVERY_MS)
    }
    const begin = async (): Promise<void> => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      } catch {
        setIsRefused(true)
        return
      }
      const element = video.current
      if (isDone || element === null) {
        stopAll(stream)
        return
      }
      element.srcObject = stream
      await element.play().catch(() => {})
      await look()
    }
    void begin()
    return () => {
      isDone = true
      clearTimeout(timer)
      if (stream !== null) stopAll(stream)
    }
  }, [])
  return isRefused ? (
    <CameraWord text={words.cameraRefused} />
  ) : (
    <video ref={video} className="scan-video" muted playsInline aria-label={words.camera} />
  )
}

const stopAll = (stream: MediaStream): void => {
  for (const track of stream.getTracks()) track.stop()
}

const createDetector = (): Detector => {
  // Not yet among the compiler's own descriptions of browsers; `hasCameraScanner` was asked before.
  const { BarcodeDetector } = globalThis as unknown as { readonly BarcodeDetector: new () => Detector }
  return new BarcodeDetector()
}

// What hands in gloves and ears in noise notice: a tone and a shake. Neither is there on every device.

let context: AudioContext | null = null

export const feel = (kind: 'good' | 'wrong'): void => {
  try {
    navigator.vibrate?.(kind === 'good' ? 40 : [80, 60, 80])
    context ??= new AudioContext()
    const tone = context.createOscillator()
    const loudness = context.createGain()
    tone.frequency.value = kind === 'good' ? 1_320 : 220
    loudness.gain.value = 0.08
    tone.connect(loudness).connect(context.destination)
    tone.start()
    tone.stop(context.currentTime + (kind === 'good' ? 0.07 : 0.28))
  } catch {
    // Then the screen alone says it.
  }
}

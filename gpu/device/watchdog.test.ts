import { expect, test } from 'vitest'
import { deviceHung, NoAnswer, watch } from './watchdog.ts'

test('an answer that came while this thread was busy is an answer', async () => {
  // in two turns of the event loop, between which timers are heard
  const answer = new Promise<string>((resolve) => setImmediate(() => setImmediate(() => resolve('here'))))
  const waited = watch('reading', 0.02, answer)
  for (const end = performance.now() + 60; performance.now() < end;);
  expect(await waited).toBe('here')
  expect(deviceHung()).toBe(false)
})

test('an answer in time, or a failure, is handed on', async () => {
  expect(await watch('reading', 1, Promise.resolve(3))).toBe(3)
  await expect(watch('reading', 1, Promise.reject(new Error('lost')))).rejects.toThrow('lost')
  expect(deviceHung()).toBe(false)
})

test('no answer is said to be none', async () => {
  const waited = watch('reading', 0.02, new Promise(() => undefined))
  await expect(waited).rejects.toThrow(
    new NoAnswer('reading: no answer within 0.02 s, the device is given up'),
  )
  expect(deviceHung()).toBe(true)
})

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { cached } from './cache.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-cache-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let cache = ''
let caches = 0
beforeEach(() => {
  cache = join(folder, `${++caches}`, 'deeper')
  vi.stubEnv('TOUCHSTONE_CACHE', cache)
})

const write = async (into: string): Promise<void> => writeFileSync(join(into, 'file'), 'content')

test('fills a folder once', async () => {
  const first = await cached('thing', write)
  expect(first).toBe(join(cache, 'thing'))
  const again = await cached('thing', () => Promise.reject(new Error('filled again')))
  expect(again).toBe(first)
  expect(readdirSync(cache)).toEqual(['thing'])
})

test('whoever is late takes what is there', async () => {
  const both = await Promise.all([cached('thing', write), cached('thing', write)])
  expect(both).toEqual([join(cache, 'thing'), join(cache, 'thing')])
  expect(readdirSync(cache)).toEqual(['thing'])
})

test('is an absolute path, however the cache was named', async () => {
  vi.stubEnv('TOUCHSTONE_CACHE', relative(process.cwd(), cache))
  expect(await cached('thing', write)).toBe(join(cache, 'thing'))
})

test('is the user’s, where the environment names none that is absolute', async () => {
  vi.stubEnv('TOUCHSTONE_CACHE', '')
  vi.stubEnv('XDG_CACHE_HOME', cache)
  expect(await cached('thing', write)).toBe(join(cache, 'touchstone', 'thing'))
  vi.stubEnv('XDG_CACHE_HOME', 'relative')
  vi.stubEnv('HOME', join(cache, 'home'))
  expect(await cached('thing', write)).toBe(join(cache, 'home', '.cache', 'touchstone', 'thing'))
})

test('leaves nothing behind where filling fails', async () => {
  await expect(cached('thing', () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full')
  expect(readdirSync(cache)).toEqual([])
})

test.each([
  ['the cache is a file', () => writeFileSync(cache, '')],
  ['the cache cannot be made', () => vi.stubEnv('TOUCHSTONE_CACHE', '/proc/touchstone')],
])('a temporary folder does where %s', async (_, spoil) => {
  mkdirSync(join(cache, '..'))
  spoil()
  const there = await cached('thing', write)
  expect(existsSync(join(there, 'file'))).toBe(true)
  expect(there.startsWith(tmpdir())).toBe(true)
  expect(there.startsWith(cache)).toBe(false)
  // once a process, however many devices it opens
  const listeners = process.listenerCount('exit')
  expect(await cached('thing', () => Promise.reject(new Error('filled again')))).toBe(there)
  expect(process.listenerCount('exit')).toBe(listeners)
  rmSync(there, { recursive: true })
})

import { OptionError } from './errors'

/** The settings of WebDNN 1.x that still mean something. */
export interface Configuration {
  /** log which backend was taken, and how long each run took */
  DEBUG: boolean
  /** largest side of WebGL's textures */
  MAX_TEXTURE_SIZE: number
}

const RULES = {
  DEBUG: ['a boolean', 'boolean'],
  MAX_TEXTURE_SIZE: ['a number', 'number'],
} as const

const settings: Partial<Configuration> = { DEBUG: false }

export function getConfiguration<K extends keyof Configuration>(key: K, standard?: Configuration[K]): Configuration[K] | undefined {
  return settings[key] ?? standard
}

export function setConfiguration<K extends keyof Configuration>(key: K, value: Configuration[K]): void {
  const rule = RULES[key]
  if (!rule) throw new OptionError('OPTION', `setConfiguration: expected ${Object.keys(RULES).join(' or ')}, got ${key}`)
  if (typeof value !== rule[1]) throw new OptionError('OPTION', `setConfiguration: ${key}: expected ${rule[0]}, got ${String(value)}`)
  settings[key] = value
}

/** Of WebDNN before 1.2: the setting `DEBUG`. */
export function isDebugMode(): boolean {
  return !!settings.DEBUG
}

/** Of WebDNN before 1.2: the setting `DEBUG`. */
export function setDebugMode(flag: boolean): void {
  setConfiguration('DEBUG', flag)
}

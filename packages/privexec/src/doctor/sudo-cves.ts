import { compareSudoVersions } from './sudo-version.ts'

/** A flaw of sudo that gives a local account more than its rules. */
export interface Flaw {
  readonly id: string
  readonly summary: string
  /** First upstream version that has it; absent when all older ones do. */
  readonly since?: string
  /** First upstream version without it. */
  readonly fixed: string
  /** First package version with a patch, for distributions that stay on an upstream version. */
  readonly patched: readonly string[]
}

/**
 * Sources: sudo.ws security advisories, the CVE records, and the changelogs of the packages (Debian 12 and 13, Ubuntu
 * 24.04, 24.10 and 25.04). Packages below the oldest sudo that can hold our rules are left out.
 */
export const flaws: readonly Flaw[] = [
  {
    id: 'CVE-2021-3156',
    summary: 'a heap overflow makes any account root (Baron Samedit)',
    since: '1.8.2',
    fixed: '1.9.5p2',
    patched: [],
  },
  {
    id: 'CVE-2023-22809',
    summary: 'sudoedit edits files that its rule does not name',
    since: '1.8.0',
    fixed: '1.9.12p2',
    patched: [],
  },
  {
    id: 'CVE-2025-32462',
    summary: 'with -h, a rule for another host counts here',
    since: '1.8.8',
    fixed: '1.9.17p1',
    patched: [
      '1.9.13p3-1+deb12u2',
      '1.9.16p2-3',
      '1.9.15p5-3ubuntu5.24.04.1',
      '1.9.15p5-3ubuntu5.24.10.1',
      '1.9.16p2-1ubuntu1.1',
    ],
  },
  {
    id: 'CVE-2025-32463',
    summary: 'with -R, any account becomes root',
    since: '1.9.14',
    fixed: '1.9.17p1',
    patched: ['1.9.16p2-3', '1.9.15p5-3ubuntu5.24.04.1', '1.9.15p5-3ubuntu5.24.10.1', '1.9.16p2-1ubuntu1.1'],
  },
  {
    id: 'CVE-2026-35535',
    summary: 'a privilege drop that fails before the mailer runs goes unnoticed',
    fixed: '1.9.18',
    patched: ['1.9.13p3-1+deb12u4'],
  },
]

/** The flaws that an upstream version has, whatever a distribution patched. */
export const flawsOf = (version: string): readonly Flaw[] =>
  flaws.filter(
    ({ since, fixed }) =>
      compareSudoVersions(version, fixed) < 0 && (since === undefined || compareSudoVersions(version, since) >= 0),
  )

/**
 * The patched package that an installed one can be compared with: the same upstream version, and the same distribution,
 * since the revisions of two distributions are not ordered. Undefined when the table has none.
 */
export function comparablePatch(flaw: Flaw, installed: string): string | undefined {
  return flaw.patched.find(patched => branchOf(patched) === branchOf(installed))
}

const branchOf = (version: string): string => {
  const upstream = /^[^-]*/.exec(version)?.[0] ?? ''
  const release = /ubuntu\d+(\.\d\d\.\d\d)?/.exec(version)
  return `${upstream} ${release ? `ubuntu${release[1] ?? ''}` : 'debian'}`
}

import { chmodSync, writeFileSync } from 'node:fs'
import { trace } from './trace.ts'

/** Where the probe is, and the argv that the policy of {@link probePolicy} allows. */
export const probeArgv = ['/usr/local/sbin/probe', 'show', 'tank/x'] as const

/** A rule of today's programs for the probe. */
export const probeStar = 'appstore ALL=(root) NOPASSWD: /usr/local/sbin/probe *\n'

/** A policy that grants the probe. */
export const probePolicy = `policy: probe
summary: Prints its surroundings
principal: { user: appstore, service: true }
audit: { file: /var/lib/appstore/probe-audit.jsonl }
grants:
  - { command: test.probe, where: { base: tank }, timeout: 20s }
`

/** What a root program found. */
export interface Surroundings {
  readonly cwd: string
  readonly umask: string
  readonly nice: number
  readonly env: Readonly<Record<string, string>>
  /** Number and target of each descriptor above 2. */
  readonly descriptors: readonly string[]
  /** `Max file size` to soft and hard limit. */
  readonly limits: Readonly<Record<string, string>>
  /** Mask of ignored signals. */
  readonly ignored: bigint
  /** Whether it could open /dev/tty. */
  readonly terminal: boolean
}

/** Prints one fact a line; with a terminal as standard input, types a line into it. */
const program = String.raw`#!/usr/bin/perl
printf "cwd\t%s\numask\t%04o\nnice\t%d\n", readlink('/proc/self/cwd'), umask, getpriority(0, 0);
print "env\t$_=", $ENV{$_} =~ s/\n/ /gr, "\n" for keys %ENV;
opendir my $d, '/proc/self/fd'; my @fds = grep { /^\d+$/ && $_ > 2 && $_ != fileno $d } readdir $d;
for my $n (@fds) { my $to = readlink("/proc/self/fd/$n") // next; print "fd\t$n $to\n" unless $to eq $0 || $to =~ m{^/proc/\d+/fd$} || $to eq '/usr/local/sbin/probe' }
open my $l, '<', '/proc/self/limits'; while (<$l>) { print "limit\t$1=$2 $3\n" if /^(Max [a-z ]+?)\s{2,}(\S+)\s+(\S+)/ }
open my $s, '<', '/proc/self/status'; while (<$s>) { print "ignored\t$1\n" if /^SigIgn:\s*(\S+)/ }
print "terminal\t", (open(my $t, '+<', '/dev/tty') ? 1 : 0), "\n";
for my $c (split //, "injected\n") { ioctl(STDIN, 0x5412, $c) }
`

/** Puts the probe in its place; on the host, as root. */
export function installProbe(): void {
  writeFileSync(probeArgv[0], program)
  chmodSync(probeArgv[0], 0o755)
}

/** Reads what the probe printed. */
export function surroundings(stdout: string | undefined): Surroundings {
  const lines = (stdout ?? '').split('\n').map(line => line.replace('\r', '').split('\t') as [string, string?])
  const all = (key: string): string[] => lines.filter(([name]) => name === key).map(([, value = '']) => value)
  const pairs = (key: string) =>
    Object.fromEntries(all(key).map(text => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]))
  const one = (key: string): string => all(key)[0] ?? ''
  if (one('cwd') === '') throw new Error(`the probe did not run: ${JSON.stringify(stdout)}`)
  const found: Surroundings = {
    cwd: one('cwd'),
    umask: one('umask'),
    nice: Number(one('nice')),
    env: pairs('env'),
    descriptors: all('fd'),
    limits: pairs('limit'),
    ignored: BigInt(`0x${one('ignored')}`),
    terminal: one('terminal') === '1',
  }
  trace({ ...found, ignored: String(found.ignored) })
  return found
}

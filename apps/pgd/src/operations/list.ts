import type { BranchView, ProjectView, StatusView } from '../api.ts'
import type { Context } from '../context.ts'
import { findBranch, findProject } from '../world/find.ts'
import { viewBranch, viewProject } from '../world/view.ts'
import { look, lookFor } from './look.ts'

/** All projects, by name. */
export async function listProjects(context: Context): Promise<ProjectView[]> {
  const world = await look(context)
  const views = [...world.projects].map(([name, facts]) => viewProject(world, name, facts))
  return views.sort((a, b) => (a.name < b.name ? -1 : 1))
}

export async function getProject(context: Context, text: string): Promise<ProjectView> {
  const world = await look(context, text)
  const { name, facts } = findProject(world, text)
  return viewProject(world, name, facts)
}

/** Branches of a project, or all, by name. */
export async function listBranches(context: Context, project?: string): Promise<BranchView[]> {
  const world = await look(context, ...(project === undefined ? [] : [project]))
  const name = project === undefined ? undefined : findProject(world, project).name
  const branches = world.branches.filter(branch => name === undefined || branch.project === name)
  return branches.map(branch => viewBranch(world, branch))
}

export async function getBranch(context: Context, text: string): Promise<BranchView> {
  const world = await lookFor(context, text)
  return viewBranch(world, findBranch(world, text))
}

/** Storage, runtimes, and how much of each there is. */
export async function status(context: Context): Promise<StatusView> {
  const [world, space, runtimes] = await Promise.all([look(context), context.store.space(), context.runtimes()])
  const views = world.branches.map(branch => viewBranch(world, branch))
  return {
    store: { title: context.store.title, ...space },
    runtimes: runtimes.map(({ title }) => title),
    projects: world.projects.size,
    branches: views.length,
    running: views.filter(({ state }) => state === 'running').length,
    attention: views.filter(({ reason }) => reason !== undefined),
    foreign: world.foreign,
  }
}

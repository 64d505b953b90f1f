import type { Section } from './manifest.dto';

export type Target = Section | 'organizations';

/** What became of a name: one id, none, or several that cannot be told apart by it. */
export type Found = string | 'unknown' | 'ambiguous';

/** Ids of the tenant's resources by their names. A name that several have means none of them; then an id stands instead. */
export class NameBook {
  private readonly ids = new Map<Target, Map<string, Set<string>>>();
  private readonly names = new Map<string, string>();

  add(target: Target, name: string, id: string): void {
    const ofTarget = this.ids.get(target) ?? new Map<string, Set<string>>();
    this.ids.set(target, ofTarget.set(name, (ofTarget.get(name) ?? new Set<string>()).add(id)));
    this.names.set(`${target}/${id}`, name);
  }

  /** @param reference a name, or an id */
  find(target: Target, reference: string): Found {
    if (this.names.has(`${target}/${reference}`)) return reference;
    const found = [...(this.ids.get(target)?.get(reference) ?? [])];
    if (found.length > 1) return 'ambiguous';
    return found[0] ?? 'unknown';
  }

  /** The name, if it is the only one of its kind; else the id. */
  nameOf(target: Target, id: string): string {
    const name = this.names.get(`${target}/${id}`);
    return name !== undefined && this.find(target, name) === id ? name : id;
  }

  isUnique(target: Target, name: string): boolean {
    return (this.ids.get(target)?.get(name)?.size ?? 0) <= 1;
  }
}

import { Injectable, untracked } from '@angular/core';
import { DefaultUrlSerializer, UrlTree } from '@angular/router';

import { ZONE_PARAMETER, zone } from '../parts/zone';

const NO_VIEW = '/not/readable';

/**
 * Every address of the page names the time zone, and the page shows times in the zone that its address names: two people
 * who read one address read the same times. The views themselves know nothing of it.
 */
@Injectable()
export class AddressWithZone extends DefaultUrlSerializer {
  override parse(url: string): UrlTree {
    // The router parses what it has just written, too, and in the middle of everything: nothing is decided here.
    const { root, queryParams, fragment } = this.read(url);
    const { [ZONE_PARAMETER]: _, ...others } = queryParams;
    return new UrlTree(root, others, fragment);
  }

  /** What is no address, as "%E0" with its end cut off, is that of a view that there is not. */
  private read(url: string): UrlTree {
    try {
      return super.parse(url);
    } catch {
      return super.parse(NO_VIEW);
    }
  }

  override serialize(tree: UrlTree): string {
    const [path = '', ...fragment] = super.serialize(tree).split('#');
    const name = encodeURIComponent(untracked(zone)).replaceAll('%2F', '/');
    return [`${path}${path.includes('?') ? '&' : '?'}${ZONE_PARAMETER}=${name}`, ...fragment].join('#');
  }
}

import type { AppEndpoint } from '../open-api/app-endpoint';

/** Where the platform keeps files: Alibaba's object storage and its own hosts. */
export const DEFAULT_FILE_HOSTS: readonly string[] = [
  '.aliyuncs.com',
  '.alicdn.com',
  '.dingtalk.com',
  '.dingtalk.io',
];

/**
 * Which links to files may be followed: hosts by name (`files.example.com`), by suffix (`.example.com`) or with a port
 * (`10.0.0.5:9000`), and the hosts of the platform itself, where they are configured.
 */
export class FileHosts {
  constructor(
    private readonly hosts: readonly string[],
    private readonly platformUrls: readonly string[],
  ) {}

  /** The link to follow, or null when it may not be. Links of known hosts may be plain `http:` and are made `https:`. */
  allowed(link: string, endpoint?: AppEndpoint | null): URL | null {
    if (!URL.canParse(link)) return null;
    const url = new URL(link);
    const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
    if (!isWeb || url.username !== '' || url.password !== '') return null;
    if (this.isPlatform(url, endpoint)) return url;
    if (!this.hosts.some((host) => isOf(url, host.toLowerCase()))) return null;
    if (url.port === '') url.protocol = 'https:';
    return url;
  }

  private isPlatform(url: URL, endpoint?: AppEndpoint | null): boolean {
    const own = endpoint ? [endpoint.apiUrl, endpoint.oapiUrl] : this.platformUrls;
    return own.some((one) => one !== undefined && new URL(one).origin === url.origin);
  }
}

function isOf({ hostname, host }: URL, allowed: string): boolean {
  if (allowed.startsWith('.')) return hostname.endsWith(allowed);
  return allowed === hostname || allowed === host;
}

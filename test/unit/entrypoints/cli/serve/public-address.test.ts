import { expect, test } from 'vitest';
import { isPublicAddress } from '../../../../../entrypoints/cli/serve/public-address.ts';

test.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  ['loopback', '127.0.0.1'],
  ['loopback', '127.8.8.8'],
  ['loopback', '::1'],
  ['unspecified', '0.0.0.0'],
  ['unspecified', '::'],
  ['private', '10.0.0.1'],
  ['private', '172.16.3.4'],
  ['private', '192.168.1.1'],
  ['unique local', 'fd00:ec2::254'],
  ['link-local, where clouds keep their metadata', '169.254.169.254'],
  ['link-local', 'fe80::1'],
  ['shared', '100.100.100.200'],
  ['multicast', '224.0.0.1'],
  ['multicast', 'ff02::1'],
  ['broadcast', '255.255.255.255'],
  ['reserved', '240.0.0.1'],
  ['documentation', '192.0.2.1'],
  ['benchmarking', '198.18.0.1'],
  ['IPv4 in IPv6', '::ffff:127.0.0.1'],
  ['IPv4 in IPv6', '::ffff:7f00:1'],
  ['IPv4 in IPv6 of old', '::127.0.0.1'],
  ['NAT64', '64:ff9b::7f00:1'],
  ['6to4', '2002:7f00:1::'],
  ['Teredo', '2001::1'],
  ['no address', 'localhost'],
  ['no address', ''],
])('%s (%s) is not', (_what, address) => {
  expect(isPublicAddress(address)).toBe(false);
});

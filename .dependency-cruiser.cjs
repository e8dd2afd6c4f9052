/** Imports go one way: cli, ci → services, registry, containers, web → datasets → packages. */
const from = (folders) => ({ path: `^(${folders})/` });
const notTo = (folders) => ({ path: `^(${folders})/` });
const rule = (name, source, target) => ({ name, severity: 'error', from: from(source), to: notTo(target) });

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'packages-stand-alone',
      severity: 'error',
      from: from('packages'),
      // But for what says which programs are here: a package's tests may ask that as all tests do.
      to: { ...notTo('datasets|services|registry|containers|web|ci|cli|bench|tests'), pathNot: '^tests/present' },
    },
    rule('datasets-know-only-packages', 'datasets', 'services|registry|containers|web|ci|cli|bench'),
    rule('web-knows-only-datasets-and-packages', 'web', 'services|registry|containers|ci|cli|bench'),
    rule('services-do-not-know-who-runs-them', 'services|registry|containers', 'web|ci|cli|bench'),
    rule('registry-stands-alone', 'registry', 'services|containers'),
    rule('containers-stand-alone', 'containers', 'services|registry'),
    rule('services-do-not-know-the-platform', 'services', 'registry|containers'),
    {
      name: 'a-service-never-imports-another',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'products-do-not-import-tests',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|^tests/|^bench/' },
      to: { path: '\\.test\\.ts$|^tests/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};

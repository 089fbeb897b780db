// Lets the files beside this one find their packages in ROUTER_PACKAGES, the folder in the cache of programs that
// `make runtime` fills; Node itself would look beside the file only. Started by `node --import`; an image that has
// node_modules here needs none of it.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const ours = new URL('.', import.meta.url).href;
const packages = pathToFileURL(`${process.env.ROUTER_PACKAGES}/package.json`).href;

registerHooks({
  resolve(specifier, context, next) {
    const askedByUs = context.parentURL?.startsWith(ours) && !specifier.startsWith('.');
    return next(specifier, askedByUs ? { ...context, parentURL: packages } : context);
  },
});

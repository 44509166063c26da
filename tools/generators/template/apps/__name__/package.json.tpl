{
  "name": "@nexora/__name__",
  "version": "0.1.0",
  "private": true,
  "type": "module",
  "exports": {
    ".": {
      "@nexora/source": "./src/main.ts",
      "default": "./dist/main.js"
    }
  },
  "scripts": {
    "build": "node ../../tools/bootstrap/build-package.mjs"
  },
  "dependencies": {
    "@nexora/agent": "0.1.0",
    "@nexora/contracts": "0.1.0",
    "@nexora/database": "0.1.0",
    "@nexora/runtime": "0.1.0"
  },
  "nx": {
    "tags": [
      "type:app",
      "scope:__name__"
    ]
  }
}

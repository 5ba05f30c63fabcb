# Firn's worker and its model process: one image, two commands. Debian, because the binaries inside are built for glibc.
FROM node:22-bookworm-slim AS build
# pip is only one more source for the model, where the first one cannot be reached.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3-pip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /firn
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && node docker/fetch-model.mjs
RUN npm prune --omit=dev

FROM node:22-bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 # The volume of the model's socket takes over this folder's owner when it is created.
 && install --directory --owner=node --group=node --mode=0700 /run/firn
WORKDIR /firn
COPY --from=build --chown=node:node /firn ./
ENV NODE_ENV=production
USER node
CMD ["node", "dist/worker/main.js"]

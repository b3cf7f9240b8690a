# The command `sluice` as a container: not root, nothing but /tmp is written. See docs/worker.md.
FROM node:24-slim AS build
WORKDIR /sluice
COPY package.json package-lock.json .npmrc ./
# Without scripts: one of them builds, and there is nothing yet to be built.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
COPY --from=build /sluice/package.json /opt/sluice/
COPY --from=build /sluice/node_modules /opt/sluice/node_modules
COPY --from=build /sluice/build /opt/sluice/build
WORKDIR /job
USER node
# Declared here, the volume has the rights that /tmp has in the image: everybody may write.
VOLUME /tmp
# As lists: no shell stands between the signals and the command, which needs no init beside it.
ENTRYPOINT ["node", "/opt/sluice/build/runtimes/cli/main.js"]
CMD ["--help"]

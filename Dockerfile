# One image, one command per service:
#   docker run … carillon node dist/apps/gateway/main.js      (or dispatcher, generator, sender, admin-api, sandbox)
#   docker run … carillon node dist/libs/common/persistence/src/migrate.main.js
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=optional
COPY tsconfig.base.json tsconfig.build.json ./
COPY tools ./tools
COPY libs ./libs
COPY apps ./apps
RUN node tools/build.mjs

FROM node:20-bookworm-slim
ENV NODE_ENV=production BIND_HOST=0.0.0.0
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are the embedded stores of `npm start`, which no production entry point uses.
RUN npm ci --ignore-scripts --omit=dev --omit=optional && npm cache clean --force
COPY --from=build /app/dist/apps ./dist/apps
COPY --from=build /app/dist/libs ./dist/libs
COPY --from=build /app/dist/node_modules ./dist/node_modules
COPY LICENSE ./
# A volume that is mounted here belongs to the service's user from its first day.
RUN install -d -o node -g node /files
USER node
EXPOSE 3000 3001 3002 3003 3004
# A container runs one service, so whichever port answers is the right one.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "const e = process.env; Promise.any([e.ADMIN_API_PORT || 3000, e.GATEWAY_PORT || 3001, e.DISPATCHER_PORT || 3002, e.GENERATOR_PORT || 3003, e.SENDER_PORT || 3004, e.SANDBOX_PORT || 3100].map((port) => fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok || Promise.reject()))).catch(() => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/apps/admin-api/main.js"]

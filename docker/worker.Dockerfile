# A worker on the CPU, with the TensorFlow library in the image.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run db:generate && npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
# pip fetches the library here, and backbones later.
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip util-linux && rm -rf /var/lib/apt/lists/*
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/prisma prisma
COPY --from=build /app/backbones backbones
COPY --from=build /app/dist dist
RUN PEFTGRID_HOME=/opt/peftgrid node dist/apps/cli/src/main.js engine install \
  && install -d -o node -g node /home/node/.peftgrid
ENV PEFTGRID_HOME=/home/node/.peftgrid
USER node
# The home is a volume; the library stays in the image.
CMD ["sh", "-c", "ln -sfn /opt/peftgrid/engine $PEFTGRID_HOME/engine && exec node dist/apps/worker/src/main.js"]

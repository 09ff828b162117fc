# The API and the dashboard. Has neither Python nor the TensorFlow library: it trains nothing.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run db:generate && npm run build && npm run dashboard && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/prisma prisma
COPY --from=build /app/dist dist
COPY --from=build /app/apps/dashboard/dist apps/dashboard/dist
RUN install -d -o node -g node /home/node/.peftgrid
USER node
EXPOSE 7420
CMD ["node", "dist/apps/api/src/main.js"]

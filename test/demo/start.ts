console.log(
  'TrueFrame’s extension is not built yet; for now there are the commands `npm run convert` and `npm run score`.',
);

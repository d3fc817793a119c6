/// Data, optimizers, schedules and the training loop.
module dev.quintet.trainer {
  requires static transitive org.jspecify;
  requires transitive dev.quintet.models;

  // Only statistics, folds and a search of settings need it.
  requires static commons.math3;

  exports dev.quintet.trainer.augment;
  exports dev.quintet.trainer.data;
  exports dev.quintet.trainer.evaluate;
  exports dev.quintet.trainer.folds;
  exports dev.quintet.trainer.events;
  exports dev.quintet.trainer.head;
  exports dev.quintet.trainer.loop;
  exports dev.quintet.trainer.metric;
  exports dev.quintet.trainer.metric.translation;
  exports dev.quintet.trainer.objective;
  exports dev.quintet.trainer.optim;
  exports dev.quintet.trainer.prepare;
  exports dev.quintet.trainer.rows;
  exports dev.quintet.trainer.schedule;
  exports dev.quintet.trainer.score;
  exports dev.quintet.trainer.search;
  exports dev.quintet.trainer.statistics;
  exports dev.quintet.trainer.verify;
}

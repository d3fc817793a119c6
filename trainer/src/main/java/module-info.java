/// Data, optimizers, schedules, the training loop and the command line.
module dev.quintet.trainer {
  requires static transitive org.jspecify;
  requires transitive dev.quintet.models;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires commons.math3;

  exports dev.quintet.trainer.metric;

  // Only the command line needs these: an embedder carries neither AWT nor javac.
  requires static info.picocli;
  requires static me.tongfei.progressbar;
  requires static xchart;
  requires static java.desktop;
  requires static jdk.compiler;

  exports dev.quintet.trainer.cli;
  exports dev.quintet.trainer.data;
  exports dev.quintet.trainer.loop;
  exports dev.quintet.trainer.objective;
  exports dev.quintet.trainer.optim;
  exports dev.quintet.trainer.schedule;

  opens dev.quintet.trainer.cli to
      info.picocli;
}

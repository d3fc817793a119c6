package dev.quintet.trainer.evaluate;

import java.util.ArrayList;
import java.util.List;

/// A way to answer sources. Its text says all that decides the answers beside the weights.
public interface Answerer {

  /// The answers to sources, in their order; an answer does not depend on its neighbours.
  List<Reply> answer(List<String> sources);

  /// The same with each answer's [Reply#score], where it has one.
  default List<Reply> scored(List<String> sources) {
    return answer(sources);
  }

  /// An answer to each question, of which some are asked in several windows of a text: there it is the answer with the
  /// highest score, of equal ones the first.
  ///
  /// @param windows the sources of each question, at least one
  default List<Reply> best(List<List<String>> windows) {
    List<String> sources = windows.stream().flatMap(List::stream).toList();
    boolean several = sources.size() > windows.size();
    List<Reply> replies = several ? scored(sources) : answer(sources);
    var best = new ArrayList<Reply>();
    int at = 0;
    for (List<String> own : windows) {
      Reply found = replies.get(at);
      for (Reply reply : replies.subList(at, at + own.size())) {
        found = reply.score() > found.score() || Double.isNaN(found.score()) ? reply : found;
      }
      best.add(found);
      at += own.size();
    }
    return best;
  }
}

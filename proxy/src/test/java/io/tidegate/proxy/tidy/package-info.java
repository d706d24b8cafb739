/**
 * The habits of this project as ordinary tests: sizes, words, blanks, the essay of every package. They read the
 * repository's files, those of all modules, not classes; what classes may depend on is in the architecture tests of
 * each module. {@link io.tidegate.proxy.tidy.TidyTest} applies the rules to the repository and
 * {@link io.tidegate.proxy.tidy.RulesTest} shows of each rule that it can fail. A new habit is one more line in
 * {@link io.tidegate.proxy.tidy.Ban}, with its reason: the reason is what the one who trips over it gets to read.
 */
@NullMarked
package io.tidegate.proxy.tidy;

import org.jspecify.annotations.NullMarked;

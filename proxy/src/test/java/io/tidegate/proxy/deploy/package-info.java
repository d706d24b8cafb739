/**
 * What lies in the folder {@code deploy} is tested here, as far as it can be without a cluster: that the alerts go off when
 * they should and every meter they name exists (promtool), that the Helm chart makes what Kubernetes takes (the real Helm,
 * typed objects), that every configuration in there is one that Tidegate reads. A tool that is not installed is said and
 * skipped; {@code .ci/run} installs it. The image is run by {@code ImageIT}, the dashboard looked at by {@code DashboardIT}, and the
 * compose stack is run by hand, as {@code deploy/README.md} says.
 */
@NullMarked
package io.tidegate.proxy.deploy;

import org.jspecify.annotations.NullMarked;

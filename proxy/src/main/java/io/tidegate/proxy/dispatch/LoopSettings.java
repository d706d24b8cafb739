package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.UpstreamSettings;
import io.tidegate.routing.RouterSettings;

/** What an event loop is told: at the start, and by each reload anew. */
public record LoopSettings(DispatchSettings dispatch, UpstreamSettings upstream, RouterSettings router) {}

package io.tidegate.routing.sim;

/**
 * The rules of the data plane that can be broken to see whether anybody notices.
 *
 * @param parks replies of the primary wait for their evidence
 * @param replaysUncertain writes whose connection ended unanswered are sent again
 */
record DataPlaneRules(boolean parks, boolean replaysUncertain) {
    static final DataPlaneRules SOUND = new DataPlaneRules(true, false);
}

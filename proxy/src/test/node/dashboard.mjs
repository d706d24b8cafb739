// Whether a dashboard is what Grafana's own types (@grafana/schema) say one is: options of panels included, nothing unknown.
// As code it is a literal, in which the compiler takes no member that the type does not have.
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

const [, , dashboard] = process.argv;
const FILE = 'dashboard-literal.ts';
const PANELS = '@grafana/schema/dist/esm/raw/composable';

writeFileSync(FILE, `
import type { Dashboard, Panel, RowPanel } from '@grafana/schema';
import type { Options as StatOptions } from '${PANELS}/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as LineOptions, FieldConfig as LineFields } from '${PANELS}/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** As it is in JSON: an enum's value, and nothing that has a default. */
type Json<T> = T extends string ? \`\${T}\`
    : T extends number ? (\`\${T}\` extends \`\${infer N extends number}\` ? N : number)
    : T extends boolean | null | undefined ? T
    : T extends (infer E)[] ? Json<E>[]
    : unknown extends T ? T
    : T extends object ? { [K in keyof T]?: Json<T[K]> }
    : T;

/** Prometheus's query, which the schema package has no type for beyond what all queries have. */
type Target = { refId: string, expr: string, legendFormat?: string, format?: 'time_series' | 'table' | 'heatmap', instant?: boolean,
    datasource: { type: 'prometheus', uid: string } };
type Of<Type extends string, Options, Fields> = Omit<Json<Panel>, 'type' | 'options' | 'targets' | 'fieldConfig'> & {
    type: Type, title: string, targets: Target[], options: Json<Options>,
    fieldConfig: Omit<NonNullable<Json<Panel['fieldConfig']>>, 'defaults'> & {
        defaults: Omit<Json<NonNullable<Panel['fieldConfig']>['defaults']>, 'custom'> & { custom?: Json<Fields> } } };
type Panels = Of<'stat', StatOptions, never> | Of<'timeseries', LineOptions, LineFields> | (Json<RowPanel> & { type: 'row' });

export const dashboard: Omit<Json<Dashboard>, 'panels' | 'templating' | 'annotations'> & {
    uid: string, title: string, panels: Panels[], templating: Json<Dashboard['templating']>,
    annotations: { list: (Omit<NonNullable<NonNullable<Json<Dashboard['annotations']>>['list']>[number], 'target'>
        & { expr: string, titleFormat: string, textFormat: string })[] } } =
${readFileSync(dashboard, 'utf8')};
`);

const program = ts.createProgram([FILE], {
    strict: true, noEmit: true, skipLibCheck: true, types: [],
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022,
});
for (const { messageText, file, start } of ts.getPreEmitDiagnostics(program)) {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
    console.log(`${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}
console.log('done');

// The colours of what is drawn over the map, from the same tokens as the map itself.
import themes from "../../../packages/tokens/dist/themes.json";

export type ThemeName = "light" | "dark";

export function mapColours(theme: ThemeName) {
  const colours = themes[theme];
  return {
    walk: colours["map.walk"],
    walkCasing: colours["map.walk-casing"],
    walkHighlight: colours["map.walk-highlight"],
    poi: colours["map.poi"],
    poiChosen: colours["map.poi-chosen"],
  };
}

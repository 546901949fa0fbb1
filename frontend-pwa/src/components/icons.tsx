// Theme icons by the key the server gives, and arrows by manoeuvre. Only those named here are bundled.
import {
  ArrowUp,
  Beer,
  BookOpen,
  Building2,
  Castle,
  Church,
  CircleDot,
  Coffee,
  CornerUpLeft,
  CornerUpRight,
  DoorOpen,
  Drama,
  Droplets,
  Factory,
  Feather,
  FerrisWheel,
  Flag,
  Flower2,
  Footprints,
  Landmark,
  Leaf,
  type LucideIcon,
  MapPin,
  Mountain,
  Music,
  Pickaxe,
  ScrollText,
  Shapes,
  ShoppingBasket,
  Signpost,
  SprayCan,
  Star,
  Store,
  Telescope,
  Trees,
  Undo2,
  Utensils,
  Waves,
  Waypoints,
} from "lucide-react";

const THEME_ICONS: Record<string, LucideIcon> = {
  "spray-can": SprayCan,
  beer: Beer,
  castle: Castle,
  landmark: Landmark,
  feather: Feather,
  "book-open": BookOpen,
  mountain: Mountain,
  waves: Waves,
  droplets: Droplets,
  "shopping-basket": ShoppingBasket,
  music: Music,
  drama: Drama,
  factory: Factory,
  telescope: Telescope,
  "scroll-text": ScrollText,
  shapes: Shapes,
  church: Church,
  "door-open": DoorOpen,
  "flower-2": Flower2,
  trees: Trees,
  leaf: Leaf,
  coffee: Coffee,
  utensils: Utensils,
  store: Store,
  waypoints: Waypoints,
  "ferris-wheel": FerrisWheel,
  pickaxe: Pickaxe,
  "building-2": Building2,
  signpost: Signpost,
  star: Star,
};

/** A theme added on the server later still has a face. */
export function ThemeIcon({ iconKey, size = 18 }: { iconKey: string; size?: number }) {
  const Icon = THEME_ICONS[iconKey] ?? MapPin;
  return <Icon size={size} strokeWidth={1.75} aria-hidden="true" className="shrink-0" />;
}

export function ManoeuvreIcon({ manoeuvre }: { manoeuvre: string }) {
  const Icon = manoeuvreIcon(manoeuvre);
  return (
    <Icon size={16} strokeWidth={2} aria-hidden="true" className="mt-1 shrink-0 text-ink-soft" />
  );
}

function manoeuvreIcon(manoeuvre: string): LucideIcon {
  if (manoeuvre.includes("depart")) return CircleDot;
  if (manoeuvre.includes("arrive")) return Flag;
  if (manoeuvre.includes("around") || manoeuvre.includes("uturn")) return Undo2;
  if (manoeuvre.includes("step") || manoeuvre.includes("stair")) return Footprints;
  if (manoeuvre.includes("left")) return CornerUpLeft;
  if (manoeuvre.includes("right")) return CornerUpRight;
  return ArrowUp;
}

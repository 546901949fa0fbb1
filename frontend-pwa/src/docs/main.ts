// Shows the API's own document with Swagger UI, from files of ours alone.
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";
import "./docs.css";

SwaggerUI({
  url: "/api-docs/openapi.json",
  dom_id: "#api",
  // A validator elsewhere would be asked otherwise.
  validatorUrl: null,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // The browser sends the walker's cookie along; nobody needs to paste it.
  withCredentials: true,
});

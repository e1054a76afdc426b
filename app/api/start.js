// Draws the API's description. `validatorUrl` is off because its badge would ask another host.
SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
});

<?php
use Drupal\Core\DrupalKernel;
use Symfony\Component\HttpFoundation\Request;

/** Sets up the environment of a request for the site. Call it before anything of Drupal is loaded. */
function aegir_environment(array $input): void {
  aegir_param('AEGIR_SITE', $input['site']);
  aegir_request($input['url']);
  chdir($input['root']);
}

/** Boots Drupal's kernel with a request for the site's front page, and returns it. */
function aegir_boot(array $input): DrupalKernel {
  aegir_environment($input);
  $autoloader = require $input['root'] . '/autoload.php';
  $request = Request::createFromGlobals();
  $kernel = DrupalKernel::createFromRequest($request, $autoloader, 'prod', false, $input['root']);
  $kernel->boot();
  $kernel->preHandle($request);
  $container = $kernel->getContainer();
  if (!$container->get('request_stack')->getCurrentRequest()) {
    $container->get('request_stack')->push($request);
  }
  return $kernel;
}
